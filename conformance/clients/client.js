// What a test asks of the database, under one name each, whichever SDK carries it.
//
// Nothing is added here to what an SDK does: arguments are wrapped and results unwrapped, where SDKs differ.

import assert from "node:assert/strict";

/**
 * A configured SDK.
 *
 * The database of the SDK is `db`: scenarios build their conditions, changes and stages with it. What this SDK cannot say at
 * all, `lacks` names: scenarios leave that out.
 */
export class Client {
  constructor(name, db, { lacks = [] } = {}) {
    this.name = name;
    this.db = db;
    this.lacks = new Set(lacks);
  }

  collection(name) {
    return this.db.collection(name);
  }

  createCollection(name) {
    return this.answer(this.db.createCollection(name));
  }

  /** The id of the new document. */
  async add(collection, document) {
    const { id } = await this.answer(this.collection(collection).add(document));
    return id;
  }

  /** The ids of the new documents, which are inserted by one call if this SDK knows how. */
  async addAll(collection, documents) {
    if (this.lacks.has("batch insert")) {
      const ids = [];
      for (const document of documents) ids.push(await this.add(collection, document));
      return ids;
    }
    const { ids } = await this.answer(this.collection(collection).add(documents));
    return ids;
  }

  /** The documents that a query finds. */
  async list(query) {
    const { data } = await this.answer(query.get());
    return data;
  }

  /** A document by its id; `undefined` if there is none. */
  async one(collection, id) {
    const [found] = await this.list(this.collection(collection).doc(id));
    return found;
  }

  async count(query) {
    const { total } = await this.answer(query.count());
    return total;
  }

  /** How many documents were changed. `target`: a query, or a document's reference. */
  async update(target, changes) {
    const { updated } = await this.answer(target.update(changes));
    return updated;
  }

  /** Puts the document there in place of what is there. */
  async set(collection, id, document) {
    await this.answer(this.collection(collection).doc(id).set(document));
  }

  /** How many documents were removed. `target`: a query, or a document's reference. */
  async remove(target) {
    const { deleted } = await this.answer(target.remove());
    return deleted;
  }

  /** What comes out of an aggregation. */
  async rows(aggregation) {
    const { data } = await this.answer(aggregation.end());
    return data;
  }

  /** Starts a transaction. */
  async begin() {
    return new Transaction(this, await this.answer(this.db.startTransaction()));
  }

  /** The SDK's own loop around a transaction: commits, rolls back, begins again. */
  run(callback) {
    return this.db.runTransaction((transaction) => callback(new Transaction(this, transaction)));
  }

  /** What an SDK resolves to; rejects as well if that is an error told as a value. */
  async answer(promise) {
    const result = await promise;
    if (result?.code) throw Object.assign(new Error(result.message), { code: result.code });
    return result;
  }

  /** Whether an error has this code of the database, in the way of this SDK. */
  tells(error, code) {
    return error.code === code;
  }

  /** Expects that this is refused with that code of the database. */
  refused(promise, code, message) {
    return assert.rejects(promise, (error) => {
      const text = error.errMsg ?? error.message;
      assert.ok(this.tells(error, code), `${error.code ?? error.errCode}, not ${code}: ${text}`);
      if (message !== undefined && !error.isUntold) assert.match(text, message);
      return true;
    });
  }
}

/** A transaction that was started. */
export class Transaction {
  constructor(client, transaction) {
    this.client = client;
    this.transaction = transaction;
  }

  doc(collection, id) {
    return this.transaction.collection(collection).doc(id);
  }

  /** A document as this transaction sees it; `null` if it sees none. */
  async one(collection, id) {
    const { data } = await this.doc(collection, id).get();
    return data;
  }

  async add(collection, document) {
    const added = await this.transaction.collection(collection).add(document);
    return added.id ?? added._id;
  }

  async update(collection, id, changes) {
    const { updated } = await this.doc(collection, id).update(changes);
    return updated;
  }

  async set(collection, id, document) {
    await this.doc(collection, id).set(document);
  }

  async remove(collection, id) {
    const { deleted } = await this.doc(collection, id).delete();
    return deleted;
  }

  commit() {
    return this.client.answer(this.transaction.commit());
  }

  rollback(reason) {
    return this.client.answer(this.transaction.rollback(reason));
  }
}
