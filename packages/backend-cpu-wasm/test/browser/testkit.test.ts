import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import * as losses from "@flambeau/losses";
import * as nn from "@flambeau/nn";
import * as optim from "@flambeau/optim";
import { testBackend } from "@flambeau/testkit";

testBackend(() => cpuWasm({ threads: 2 }), { packages: { nn, losses, optim } });
