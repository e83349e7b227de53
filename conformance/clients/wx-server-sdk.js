// wx-server-sdk: the wire of node-sdk, arguments and results as WeChat's cloud functions have them.

import cloud from "wx-server-sdk";
import { ENV } from "../harness/emulator.js";
import { Client, Transaction } from "./client.js";

process.env.TENCENTCLOUD = "true";

export function wxServerSdk(emulator) {
  cloud.init({
    env: ENV,
    serviceUrl: `${emulator.url}/admin`,
    secretId: "id",
    secretKey: "key",
  });
  return new WxClient("wx-server-sdk", cloud.database({ throwOnNotFound: false }), {
    lacks: ["object ids", "restart after a conflict inside"],
  });
}

class WxClient extends Client {
  async add(collection, data) {
    const { _id } = await this.collection(collection).add({ data });
    return _id;
  }

  async addAll(collection, data) {
    const { _ids } = await this.collection(collection).add({ data });
    return _ids;
  }

  async one(collection, id) {
    const { data } = await this.collection(collection).doc(id).get();
    return data ?? undefined;
  }

  async update(target, data) {
    const { stats } = await target.update({ data });
    return stats.updated;
  }

  async set(collection, id, data) {
    await this.collection(collection).doc(id).set({ data });
  }

  async remove(target) {
    const { stats } = await target.remove();
    return stats.removed;
  }

  async rows(aggregation) {
    const { list } = await aggregation.end();
    return list;
  }

  async begin() {
    return new WxTransaction(this, await this.db.startTransaction());
  }

  run(callback) {
    return this.db.runTransaction((transaction) => callback(new WxTransaction(this, transaction)));
  }

  /** Numbers in place of codes; aggregations and commits hand on the code itself. */
  tells(error, code) {
    return error.code === code || error.errCode === this.number(code);
  }

  /** All codes of transactions, and those that are not known, share a number. */
  number(code) {
    const numbers = {
      INVALID_PARAM: -501007,
      DATABASE_REQUEST_FAILED: -502001,
      DATABASE_PERMISSION_DENIED: -502003,
      DATABASE_COLLECTION_NOT_EXIST: -502005,
      SERVER_TIMEOUT: -501002,
      EXCEED_REQUEST_LIMIT: -501003,
      EXCEED_CONCURRENT_REQUEST_LIMIT: -501004,
    };
    return numbers[code] ?? -501001;
  }
}

class WxTransaction extends Transaction {
  async add(collection, data) {
    const { _id } = await this.transaction.collection(collection).add({ data });
    return _id;
  }

  async update(collection, id, data) {
    const { stats } = await this.doc(collection, id).update({ data });
    return stats.updated;
  }

  async set(collection, id, data) {
    await this.doc(collection, id).set({ data });
  }

  async remove(collection, id) {
    const { stats } = await this.doc(collection, id).remove();
    return stats.removed;
  }
}
