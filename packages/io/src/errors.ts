export { ArgumentError, FlambeauError, FormatError, UnavailableError } from "../../tensor/src/errors.ts";
