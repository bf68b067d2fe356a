// Saves one file after the other under the same name until it is killed: run by atomic-write.test.ts.
import { atomicWrite } from "../src/files/atomic-write.ts";
import { encodeSafetensors } from "../src/safetensors/encode.ts";

const [path, from] = process.argv.slice(2);
for (let step = Number(from); ; step++) {
  const bytes = new Uint8Array(1_000_000).fill(step % 251);
  await atomicWrite(
    path,
    encodeSafetensors([["state", { dtype: "uint8", shape: [bytes.length], bytes }]], [["step", `${step}`]]),
  );
  process.stdout.write(".");
}
