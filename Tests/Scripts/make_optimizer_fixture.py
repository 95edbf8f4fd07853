"""Writes Tests/Fixtures/optimizers.json: advantages, losses and gradients of PPO and GRPO on random
rollouts, computed with PyTorch and its automatic differentiation.

    python3 Tests/Scripts/make_optimizer_fixture.py > Tests/Fixtures/optimizers.json
"""
import json
import torch

torch.set_default_dtype(torch.float64)
GENERATOR = torch.Generator().manual_seed(7)


def uniform(count, low, high):
    """Numbers with four decimals, so that single and double precision hold nearly the same."""
    numbers = low + (high - low) * torch.rand(count, generator=GENERATOR)
    return torch.round(numbers * 1e4) / 1e4


def rollouts():
    lengths = [3, 5, 0, 4, 1, 2, 6, 3, 4]
    tokens = sum(lengths)
    old = uniform(tokens, -3, -0.2)
    return dict(
        lengths=lengths, groups=[0, 0, 0, 1, 1, 1, 2, 3, 3],
        rewards=uniform(len(lengths), 0, 1).tolist()[:7] + [0.5, 0.5],
        old=old, reference=old + uniform(tokens, -0.4, 0.4), old_values=uniform(tokens, -0.5, 1),
        new=old + uniform(tokens, -0.6, 0.6), value_moves=uniform(tokens, -0.5, 0.5),
        entropies=uniform(tokens, 0.1, 2))


def split(flat, lengths):
    return torch.split(flat, lengths)


def gae(r, gamma, lam, beta):
    """A_t as the explicit sum of (gamma lambda)^k delta_{t+k}."""
    advantages, returns = [], []
    old, ref = split(r["old"], r["lengths"]), split(r["reference"], r["lengths"])
    for reward, value, lp, lq in zip(r["rewards"], split(r["old_values"], r["lengths"]), old, ref):
        n = len(value)
        step = -beta * (lp - lq)
        if n:
            step[-1] += reward
        following = torch.cat([value[1:], torch.zeros(1)])[:n]
        delta = step + gamma * following - value
        a = torch.stack([
            sum(((gamma * lam) ** (k - t) * delta[k] for k in range(t, n)), torch.tensor(0.0))
            for t in range(n)]) if n else torch.zeros(0)
        advantages.append(a)
        returns.append(a + value)
    return torch.cat(advantages), torch.cat(returns)


def surrogate(new, old, a, low, high, dual=None):
    ratio = torch.exp(new - old)
    objective = torch.minimum(ratio * a, torch.clamp(ratio, 1 - low, 1 + high) * a)
    if dual is not None:
        objective = torch.where(a < 0, torch.maximum(objective, dual * a), objective)
    return -objective


def k3(p, q):
    return torch.exp(q - p) - (q - p) - 1


def ppo(r, settings):
    a, returns = gae(r, settings["discount"], settings["gae_lambda"], settings["kl_coefficient"])
    white = (a - a.mean()) / (a.std() + settings["deviation_floor"])
    new = r["new"].clone().requires_grad_()
    values = (r["old_values"] + r["value_moves"]).requires_grad_()
    entropies = r["entropies"].clone().requires_grad_()
    policy = surrogate(new, r["old"], white, settings["clip_low"], settings["clip_high"],
                       settings["dual_clip"]).mean()
    clipped = r["old_values"] + torch.clamp(
        values - r["old_values"], -settings["value_clip"], settings["value_clip"])
    value = 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
    loss = policy + settings["value_coefficient"] * value \
        - settings["entropy_coefficient"] * entropies.mean()
    loss.backward()
    return dict(
        settings=settings, advantages=white.tolist(), returns=returns.tolist(), loss=loss.item(),
        by_log_probability=new.grad.tolist(), by_value=values.grad.tolist(),
        by_entropy=entropies.grad.tolist(),
        metrics=dict(policy_loss=policy.item(), value_loss=value.item(),
                     approx_kl=k3(r["old"], r["new"]).mean().item(),
                     kl_reference=k3(r["new"], r["reference"]).mean().item(),
                     entropy=r["entropies"].mean().item()))


def grpo(r, settings):
    rewards, groups = torch.tensor(r["rewards"]), torch.tensor(r["groups"])
    a = []
    for s, n in enumerate(r["lengths"]):
        members = rewards[groups == groups[s]]
        sigma = members.std() if len(members) > 1 else torch.tensor(0.0)
        a.append(((rewards[s] - members.mean()) / (sigma + settings["deviation_floor"])).expand(n))
    a = torch.cat(a)
    new = r["new"].clone().requires_grad_()
    each = surrogate(new, r["old"], a, settings["clip_low"], settings["clip_high"]) \
        + settings["kl_coefficient"] * k3(new, r["reference"])
    if settings["aggregation"] == "sequence":
        means = [t.mean() for t in split(each, r["lengths"]) if len(t)]
        loss = sum(means) / len(r["lengths"])
    else:
        loss = each.mean()
    loss.backward()
    return dict(settings=settings, advantages=a.tolist(), returns=[], loss=loss.item(),
                by_log_probability=new.grad.tolist(), by_value=[], by_entropy=[], metrics={})


R = rollouts()
PPO = dict(discount=0.99, gae_lambda=0.9, kl_coefficient=0.07, deviation_floor=0.01, clip_low=0.15,
           clip_high=0.3, dual_clip=1.5, value_clip=0.2, value_coefficient=0.4,
           entropy_coefficient=0.02)
GRPO = dict(deviation_floor=0.1, clip_low=0.2, clip_high=0.28, kl_coefficient=0.04)
print(json.dumps(dict(
    rollouts={k: v.tolist() if torch.is_tensor(v) else v for k, v in R.items()},
    ppo=[ppo(R, PPO)],
    grpo=[grpo(R, dict(GRPO, aggregation=m)) for m in ("sequence", "token")]), indent=1))
