import { testBackend } from "@flambeau/testkit";
import { FusedBackend } from "../src/fused.ts";

testBackend(() => new FusedBackend());
