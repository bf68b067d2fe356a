import * as all from "@flambeau/testkit";

if (!all) throw new Error();
console.log("works");
