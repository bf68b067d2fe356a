import { testBackend } from "@flambeau/testkit";
import { referenceBackend } from "../../../examples/backend-template/src/index.ts";

testBackend(() => referenceBackend());
