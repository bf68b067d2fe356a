import { testBackend } from "@flambeau/testkit";
import { start } from "./start.ts";

testBackend(start);
