import { FlambeauError, nn, randn } from "flambeau";
import { Sequential } from "flambeau/torch7";
import { expect, test } from "vitest";

test("a container appends, finds and counts its modules, whose parameters have Torch7's places as keys", () => {
  const net = new Sequential(new nn.Linear(4, 3)).add(new nn.Tanh()).add(new nn.Linear(3, 2));
  expect(net.size()).toBe(3);
  expect(net.get(1)).toBeInstanceOf(nn.Tanh);
  expect(net.get(-1)).toBe(net.get(2));
  expect([...net.stateDict().keys()]).toEqual(["0.weight", "0.bias", "2.weight", "2.bias"]);
  expect(net.forward(randn([5, 4])).shape).toEqual([5, 2]);
  expect(() => net.get(3)).toThrow(FlambeauError);
  expect(() => net.add(3 as never)).toThrow("Sequential: what is added must be a module, got 3");
});
