import { testBackend } from "@flambeau/testkit";
import { referenceBackend } from "../src/index.ts";

testBackend(() => referenceBackend());
