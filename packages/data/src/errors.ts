export { ArgumentError, FormatError, UnavailableError } from "../../tensor/src/errors.ts";
