import { cat, manualSeed, nn, noGrad, optim, rand, stack, type Tensor, tensor } from "flambeau";
import { show } from "./show.ts";

manualSeed(0);
const rounds = 40;
const carts = 32; // games that are played at once
const longest = 200;

// A cart carries a pole and is pushed left or right; the game is lost when the pole falls or the cart runs off. Each row of
// the state is a place, its speed, an angle, its speed: https://gymnasium.farama.org/environments/classic_control/cart_pole
const start = (games: number): Tensor => rand([games, 4]).sub(0.5).mul(0.1);
function push(state: Tensor, right: Tensor): Tensor {
  const [, speed, angle, turning] = state.unbind(1);
  const [sin, cos] = [angle.sin(), angle.cos()];
  const along = turning.square().mul(sin).mul(0.05).add(right.mul(20).sub(10)).div(1.1);
  const inertia = cos
    .square()
    .div(-11)
    .add(4 / 3)
    .div(2);
  const turned = sin.mul(9.8).sub(cos.mul(along)).div(inertia);
  const pushed = along.sub(turned.mul(cos).div(22));
  return state.add(stack([speed, pushed, turning, turned], 1).mul(0.02));
}
const limits = tensor([2.4, Infinity, Math.PI / 15, Infinity]);
const stands = (state: Tensor): Tensor => state.abs().lt(limits).all(1).to("float32");

// the logit of a push to the right
const policy = new nn.Sequential(new nn.Linear(4, 32), new nn.Tanh(), new nn.Linear(32, 1), new nn.Flatten(0));
const optimizer = new optim.Adam(policy.parameters(), { lr: 0.02 });

interface Games {
  readonly states: Tensor[];
  /** 1 for a push to the right. */
  readonly pushes: Tensor[];
  /** 1 where the pole still stood. */
  readonly stood: Tensor[];
}

async function play(count: number): Promise<Games> {
  const games: Games = { states: [], pushes: [], stood: [] };
  let state = start(count);
  let up = stands(state);
  for (let step = 0; step < longest; step++) {
    const right = noGrad(() => rand([count]).lt(policy.forward(state).sigmoid()).to("float32"));
    games.states.push(state);
    games.pushes.push(right);
    games.stood.push(up);
    state = push(state, right);
    up = up.mul(stands(state));
    if (step % 10 === 9 && (await up.sum().itemAsync()) === 0) break;
  }
  return games;
}

const history: number[] = [];
for (let round = 1; round <= rounds; round++) {
  const { states, pushes, stood } = await play(carts);
  const on = stack(stood);
  const right = cat(pushes);
  // REINFORCE: what a push was followed by, compared with what games have on average at that step, makes it likelier or rarer
  const toCome = on.flip([0]).cumsum(0).flip([0]);
  const usual = toCome.mul(on).sum(1).div(on.sum(1).clamp(1));
  const better = toCome.sub(usual.unsqueeze(1)).mul(on).flatten();
  const scale = better.square().sum().div(on.sum()).sqrt().add(1e-6);
  const chance = policy.forward(cat(states)).sigmoid();
  const log = chance
    .mul(right)
    .add(chance.sub(1).mul(right.sub(1)))
    .clamp(1e-6)
    .log();
  const loss = log.mul(better.div(scale)).sum().div(on.sum()).neg();
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  history.push(await on.sum(0).mean().itemAsync());
  if (round % 5 === 0) console.log(`round ${round}: the pole stood for ${history.at(-1)?.toFixed(1)} steps`);
  show({
    title: "How long the pole stood",
    x: "round",
    y: "steps",
    lines: [{ x: history.map((_, i) => i + 1), y: history }],
  });
}

const { stood } = await play(100);
console.log("steps, the average of 100 games:", await stack(stood).sum(0).mean().itemAsync());

// one game to look at
const { states } = await play(1);
for (const state of states.filter((_, i) => i % 4 === 0)) {
  const [x, , angle] = Array.from(await state.flatten().data(), Number);
  show({
    title: "A game",
    lines: [
      { name: "pole", x: [x, x + Math.sin(angle)], y: [0.1, 0.1 + Math.cos(angle)] },
      { name: "cart", x: [x - 0.2, x - 0.2, x + 0.2, x + 0.2], y: [0, 0.1, 0.1, 0] },
      { name: "track", x: [-2.4, 2.4], y: [0, 0] },
    ],
  });
  await new Promise((shown) => setTimeout(shown, 40));
}
