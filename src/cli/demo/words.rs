//! What the demo shop's people, things and places are called.

pub(super) const SURNAMES: [&str; 20] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
    "何", "林", "高", "罗",
];

pub(super) const GIVEN_NAMES: [&str; 24] = [
    "伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "军", "杰", "涛", "超", "明", "霞",
    "平", "刚", "桂英", "建华", "文博", "雨桐", "子涵", "思远",
];

pub(super) const NICKNAMES: [&str; 20] = [
    "爱喝茶的猫",
    "山间清风",
    "小满",
    "一只松鼠",
    "海边的卡夫卡",
    "慢慢走",
    "柚子茶",
    "北方有雪",
    "江南烟雨",
    "早睡早起",
    "豆花不加糖",
    "月亮邮局",
    "面包超人",
    "夜航船",
    "阿泽",
    "桃子汽水",
    "木子",
    "会飞的鱼",
    "云朵工坊",
    "竹里馆",
];

/// A category with what is sold in it, and the price range in fen.
pub(super) struct Category {
    pub(super) name: &'static str,
    pub(super) products: [&'static str; 8],
    pub(super) prices: (u64, u64),
}

pub(super) const CATEGORIES: [Category; 6] = [
    Category {
        name: "tea",
        products: [
            "西湖龙井",
            "安溪铁观音",
            "云南普洱熟茶",
            "福鼎白茶",
            "祁门红茶",
            "茉莉花茶",
            "武夷大红袍",
            "君山银针",
        ],
        prices: (3900, 68_000),
    },
    Category {
        name: "snack",
        products: [
            "手工牛轧糖",
            "每日坚果",
            "云南鲜花饼",
            "海苔脆片",
            "冻干草莓",
            "麻辣牛肉干",
            "绿豆糕",
            "桂花酥",
        ],
        prices: (990, 12_900),
    },
    Category {
        name: "home",
        products: [
            "亚麻抱枕",
            "竹编收纳篮",
            "香薰蜡烛",
            "陶瓷花瓶",
            "羊毛盖毯",
            "胡桃木托盘",
            "棉麻桌布",
            "复古台灯",
        ],
        prices: (2900, 39_900),
    },
    Category {
        name: "kitchen",
        products: [
            "铸铁煎锅",
            "青花瓷碗",
            "龙泉菜刀",
            "紫砂壶",
            "榉木砧板",
            "手冲咖啡壶",
            "不锈钢蒸锅",
            "玻璃密封罐",
        ],
        prices: (1900, 59_900),
    },
    Category {
        name: "book",
        products: [
            "红楼梦",
            "围城",
            "边城",
            "活着",
            "平凡的世界",
            "人间词话",
            "呐喊",
            "浮生六记",
        ],
        prices: (1800, 9800),
    },
    Category {
        name: "clothing",
        products: [
            "棉麻衬衫",
            "真丝围巾",
            "羊绒毛衣",
            "帆布背包",
            "手工布鞋",
            "改良旗袍",
            "牛仔外套",
            "遮阳草帽",
        ],
        prices: (4900, 89_900),
    },
];

pub(super) const QUALITIES: [&str; 8] = [
    "经典款",
    "礼盒装",
    "家庭装",
    "限量版",
    "旅行装",
    "特惠装",
    "新款",
    "典藏版",
];

pub(super) const TAGS: [&str; 8] = [
    "新品", "热卖", "包邮", "手工", "国货", "送礼", "限时", "环保",
];

/// A city with its province and where it lies, as longitude and latitude.
pub(super) struct City {
    pub(super) name: &'static str,
    pub(super) province: &'static str,
    pub(super) place: (f64, f64),
}

pub(super) const CITIES: [City; 10] = [
    City {
        name: "广州市",
        province: "广东省",
        place: (113.2644, 23.1291),
    },
    City {
        name: "深圳市",
        province: "广东省",
        place: (114.0579, 22.5431),
    },
    City {
        name: "杭州市",
        province: "浙江省",
        place: (120.1551, 30.2741),
    },
    City {
        name: "上海市",
        province: "上海市",
        place: (121.4737, 31.2304),
    },
    City {
        name: "北京市",
        province: "北京市",
        place: (116.4074, 39.9042),
    },
    City {
        name: "成都市",
        province: "四川省",
        place: (104.0665, 30.5723),
    },
    City {
        name: "武汉市",
        province: "湖北省",
        place: (114.3055, 30.5928),
    },
    City {
        name: "西安市",
        province: "陕西省",
        place: (108.9402, 34.3416),
    },
    City {
        name: "昆明市",
        province: "云南省",
        place: (102.8329, 24.8801),
    },
    City {
        name: "哈尔滨市",
        province: "黑龙江省",
        place: (126.5350, 45.8038),
    },
];

pub(super) const STREETS: [&str; 10] = [
    "人民路",
    "中山路",
    "解放大道",
    "文化街",
    "和平里",
    "建设路",
    "长江路",
    "学府路",
    "桃园巷",
    "滨江道",
];

pub(super) const REMARKS: [&str; 8] = [
    "请放门口，谢谢",
    "周末送货",
    "麻烦包装好一点，送人的",
    "不要辣",
    "送到前请打电话",
    "工作日送到公司前台",
    "发票抬头：个人",
    "尽快发货，急用",
];
