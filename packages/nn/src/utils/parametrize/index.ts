export { cached } from "./cache.ts";
export { type Parametrization, ParametrizationList } from "./list.ts";
export {
  isParametrized,
  type Parametrized,
  type RegisterParametrizationOptions,
  type RemoveParametrizationsOptions,
  registerParametrization,
  removeParametrizations,
  transferParametrizationsAndParams,
  typeBeforeParametrizations,
} from "./register.ts";
