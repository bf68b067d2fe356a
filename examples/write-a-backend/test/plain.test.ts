import { testBackend } from "@flambeau/testkit";
import { PlainBackend } from "../src/plain.ts";

testBackend(() => new PlainBackend());
