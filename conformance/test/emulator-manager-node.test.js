// The emulator in the eyes of those who manage it: @cloudbase/manager-node.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, managerNode, permit } from "../clients/manager-node.js";
import { nodeSdk } from "../clients/node-sdk.js";
import { emulate } from "../harness/emulator.js";

let emulator;
let app;
let client;
before(async () => {
  emulator = await emulate();
  app = managerNode(emulator);
  client = nodeSdk(emulator);
});
after(() => emulator?.stop());

test("collections are made, listed and dropped", async () => {
  const { database } = app;
  await database.createCollection("alpha");
  await assert.rejects(database.createCollection("alpha"));
  assert.equal((await database.createCollectionIfNotExists("alpha")).IsCreated, false);
  assert.equal((await database.createCollectionIfNotExists("beta")).IsCreated, true);
  await client.addAll("alpha", [{ a: 1 }, { a: 2 }]);
  const { Collections, Pager } = await database.listCollections({ MgoLimit: 10, MgoOffset: 0 });
  assert.deepEqual(
    Collections.map(({ CollectionName, Count }) => [CollectionName, Count]),
    [
      ["alpha", 2],
      ["beta", 0],
    ],
  );
  assert.deepEqual(Pager, { Offset: 0, Limit: 10, Total: 2 });
  const page = await database.listCollections({ MgoLimit: 1, MgoOffset: 1 });
  assert.deepEqual(
    page.Collections.map(({ CollectionName }) => CollectionName),
    ["beta"],
  );
  await database.deleteCollection("alpha");
  assert.equal((await database.checkCollectionExists("alpha")).Exists, false);
  await client.refused(client.list(client.collection("alpha").where({ a: 1 })), "DATABASE_COLLECTION_NOT_EXIST");
});

test("what others make is seen", async () => {
  await client.createCollection("gamma");
  assert.equal((await app.database.checkCollectionExists("gamma")).Exists, true);
});

test("indexes are made and dropped, and keep their promise", async () => {
  const { database } = app;
  await database.createCollection("indexed");
  await database.updateCollection("indexed", {
    CreateIndexes: [
      {
        IndexName: "one_email",
        MgoKeySchema: { MgoIsUnique: true, MgoIndexKeys: [{ Name: "email", Direction: "1" }] },
      },
      {
        IndexName: "by_age",
        MgoKeySchema: {
          MgoIsUnique: false,
          MgoIndexKeys: [
            { Name: "age", Direction: "-1" },
            { Name: "name", Direction: "1" },
          ],
        },
      },
      {
        IndexName: "by_place",
        MgoKeySchema: { MgoIsUnique: false, MgoIndexKeys: [{ Name: "place", Direction: "2dsphere" }] },
      },
    ],
  });
  const { Indexes, IndexNum } = await database.describeCollection("indexed");
  assert.equal(IndexNum, Indexes.length);
  const keys = ({ Name, Unique, Keys }) => [Name, Unique, Keys.map(({ Name, Direction }) => `${Name} ${Direction}`)];
  assert.deepEqual(
    Indexes.map(keys)
      .filter(([name]) => name !== "_id_")
      .sort(),
    [
      ["by_age", false, ["age -1", "name 1"]],
      ["by_place", false, ["place 2dsphere"]],
      ["one_email", true, ["email 1"]],
    ],
  );
  await client.add("indexed", { _id: "a", email: "a@x" });
  await client.refused(client.add("indexed", { _id: "b", email: "a@x" }), "DATABASE_REQUEST_FAILED", /E11000/);
  await client.add("indexed", { _id: "b", email: "b@x" });
  const change = client.update(client.collection("indexed").doc("b"), { email: "a@x" });
  await client.refused(change, "DATABASE_REQUEST_FAILED", /E11000/);
  await database.updateCollection("indexed", { DropIndexes: [{ IndexName: "one_email" }] });
  assert.equal((await database.checkIndexExists("indexed", "one_email")).Exists, false);
  assert.equal((await database.checkIndexExists("indexed", "by_age")).Exists, true);
  await client.add("indexed", { _id: "c", email: "a@x" });
});

test("permissions are set and told", async () => {
  await app.database.createCollection("guarded");
  const told = async () => {
    const { AclTag, Rule } = await call(app, "DescribeSafeRule", { CollectionName: "guarded" });
    return [AclTag, Rule && JSON.parse(Rule)];
  };
  assert.deepEqual((await told())[0], "PRIVATE");
  await permit(app, "guarded", { aclTag: "READONLY" });
  assert.deepEqual((await told())[0], "READONLY");
  const rule = { read: "doc._openid == auth.openid", write: false };
  await permit(app, "guarded", rule);
  assert.deepEqual(await told(), ["CUSTOM", rule]);
  assert.equal((await call(app, "DescribeDatabaseACL", { CollectionName: "guarded" })).AclTag, "CUSTOM");
  await call(app, "ModifyDatabaseACL", { CollectionName: "guarded", AclTag: "ADMINONLY" });
  assert.equal((await call(app, "DescribeDatabaseACL", { CollectionName: "guarded" })).AclTag, "ADMINONLY");
  await app.permission.modifyResourcePermission({
    resourceType: "collection",
    resource: "guarded",
    permission: "ADMINWRITE",
  });
  const { Data } = await app.permission.describeResourcePermission({
    resourceType: "collection",
    resources: ["guarded"],
  });
  assert.equal(Data.PermissionList[0].Permission, "ADMINWRITE");
  await assert.rejects(permit(app, "guarded", { read: "doc.a ==" }));
  await assert.rejects(permit(app, "guarded", { aclTag: "NONSENSE" }));
});

test("what is not known is refused", async () => {
  await assert.rejects(call(app, "DescribeMoon", {}), ({ code }) => code === "InvalidAction");
  await assert.rejects(app.database.describeCollection("nowhere"), ({ code }) => code === "ResourceNotFound");
});
