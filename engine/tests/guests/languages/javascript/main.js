// The program of this directory's README in JavaScript, for componentize-js.
import { getArguments, getEnvironment } from "wasi:cli/environment@0.2.12";
import { exitWithCode } from "wasi:cli/exit@0.2.12";
import { getStderr } from "wasi:cli/stderr@0.2.12";
import { getDirectories } from "wasi:filesystem/preopens@0.2.12";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function root() {
  const [directory] = getDirectories().find(([, path]) => path === "/");
  return directory;
}

function copy(directory) {
  const from = directory.openAt({}, "in", {}, { read: true });
  const [bytes] = from.read(256n, 0n);
  const to = directory.openAt({}, "out", { create: true }, { write: true });
  to.write(bytes, 0n);
  return decoder.decode(bytes);
}

export const run = {
  run() {
    console.log("hello from javascript");
    console.log(getArguments().slice(1).join("|"));
    console.log(new Map(getEnvironment()).get("NAME"));
    console.log(copy(root()));
    getStderr().blockingWriteAndFlush(encoder.encode("bye\n"));
    exitWithCode(7);
  },
};
