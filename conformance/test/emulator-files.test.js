// Cloud files in a local folder, through the official clients.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { jsSdk2 } from "../clients/js-sdk-2.js";
import { nodeSdk } from "../clients/node-sdk.js";
import { tcbAdminNode } from "../clients/tcb-admin-node.js";
import { emulate } from "../harness/emulator.js";

const emulator = await emulate();
after(() => emulator.stop());

const { app: uploader } = nodeSdk(emulator);
const upload = async (cloudPath) => {
  const { fileID } = await uploader.uploadFile({ cloudPath, fileContent: Buffer.from("one") });
  return fileID;
};

for (const [name, app] of [
  ["node-sdk", uploader],
  ["tcb-admin-node", tcbAdminNode(emulator).app],
]) {
  test(`${name} gets addresses, downloads and deletes`, async () => {
    const fileID = await upload(`${name}/notes 笔记.txt`);
    assert.match(fileID, /^cloud:\/\//);
    const missing = { fileID: fileID.replace("notes", "missing"), maxAge: 60 };
    const { fileList } = await app.getTempFileURL({ fileList: [fileID, missing] });
    assert.deepEqual(
      fileList.map(({ code }) => code),
      ["SUCCESS", "STORAGE_FILE_NONEXIST"],
    );
    const { fileContent } = await app.downloadFile({ fileID });
    assert.equal(String(fileContent), "one");
    const deleted = await app.deleteFile({ fileList: [fileID] });
    assert.equal(deleted.fileList[0].code, "SUCCESS");
    const again = await app.getTempFileURL({ fileList: [fileID] });
    assert.equal(again.fileList[0].code, "STORAGE_FILE_NONEXIST");
  });
}

test("js-sdk 2 gets addresses that load", async () => {
  const fileID = await upload("web.txt");
  const { app } = await jsSdk2(emulator);
  const { fileList } = await app.getTempFileURL({ fileList: [fileID] });
  assert.equal(fileList[0].code, "SUCCESS");
  const response = await fetch(fileList[0].tempFileURL);
  assert.equal(await response.text(), "one");
});
