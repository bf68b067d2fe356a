export * as rnn from "./rnn/index.ts";
