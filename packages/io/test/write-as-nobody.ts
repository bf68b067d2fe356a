// Writes as an unprivileged user, since root may write anywhere: run by atomic-write.test.ts.
import { atomicWrite } from "../src/files/atomic-write.ts";

process.setuid?.(65534);
try {
  await atomicWrite(process.argv[2], new Uint8Array(3));
} catch (error) {
  if (error instanceof Error) process.stdout.write(error.message);
}
