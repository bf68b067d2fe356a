export { create, type Device, devices, type Project, type Template, templates } from "./create.ts";
export { UsageError } from "./errors.ts";
