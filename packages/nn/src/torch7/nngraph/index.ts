export { GModule, gModule } from "./gmodule.ts";
export { type Annotations, Node, node } from "./node.ts";
