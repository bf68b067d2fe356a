// Torch7's nn for people who come from it: what PyTorch has no class for. Tables are arrays; dimensions and indices count from 0.
export { Container, Sequential } from "./container.ts";
export type { Table } from "./table.ts";
