"""Dimensionless groups, limits and characteristic times of a case, each with a plain sentence.

Everything is computed from the case alone, without a mesh or a solver, with the properties of the
initial concentration and with flush electrodes. A time that is never reached has the value inf.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, pi

from thincell.geometry.tags import Tag
from thincell.model import capacity, depletion, secondary
from thincell.model.constants import FARADAY
from thincell.studies import limits
from thincell.studies.flow.channel import channel, supply
from thincell.studies.schema.case import Case
from thincell.studies.schema.cell import ChipCell, CoinCell
from thincell.studies.schema.reactions import molar_volume
from thincell.studies.situation import Situation
from thincell.studies.wording import current_density, metres, number, quantity, seconds, volts


@dataclass(frozen=True)
class Group:
    """A number that explains a case; value in SI, unit "" for none, and a plain sentence."""

    symbol: str
    name: str
    value: float
    unit: str
    sentence: str

    def shown(self) -> str:
        """The value in the unit that people use for it, such as "10 mA/cm^2"."""
        return quantity(self.value, self.unit)


def groups(case: Case) -> list[Group]:
    """All groups that make sense for a case; those that need a set current only if there is one."""
    s = Situation(case)
    parts = (_dryness, _limit, _sweep, _distribution, _resistance, _transport, _stream, _metal)
    return [group for part in parts for group in part(s)]


def _electrode(s: Situation) -> str:
    return s.consumer.group


def _dryness(s: Situation) -> Iterator[Group]:
    i, coin = s.consuming_density, s.case.cell
    if i is None or s.current_density is None or not s.depletes:
        return
    at = f"at {current_density(s.current_density)}"
    deep = limits.sand(s, i, coin if isinstance(coin, CoinCell) else None)
    if isinstance(coin, CoinCell):
        if s.returned:
            dry = limits.coin_dry(s, coin, s.current_density)
            yield Group("t_dry", "time to dryness", dry, "s", _coin_dry_sentence(s, coin, at, dry))
    else:
        yield from _layer_dryness(s, at)
    told = f"{at} deep liquid above the {_electrode(s)} electrode would be dry at its surface in"
    where = "a layer that is thinner than its diffusion length runs dry earlier"
    if isinstance(coin, CoinCell):
        told = f"{at} a very thick separator would be dry at the {_electrode(s)} electrode in"
        where = "it is the exact time only far above the limiting current"
    yield Group("tau_S", "Sand's time", deep, "s", f"{told} {seconds(deep)}; {where}")


def _coin_dry_sentence(s: Situation, cell: CoinCell, at: str, dry: float) -> str:
    limit = current_density(limits.coin_limit(s, cell))
    if limits.never(dry):
        return f"{at} this coin cell never runs dry: its limiting current is {limit}"
    return (
        f"{at} the separator runs dry at the {_electrode(s)} electrode in {seconds(dry)}; the"
        f" limiting"
        f" current is {limit}"
    )


def _layer_dryness(s: Situation, at: str) -> Iterator[Group]:
    alone, fed = limits.alone(s), limits.fed_from_sides(s)
    assert alone is not None
    sides = "" if fed is None else " if nothing comes from its sides"
    twin = _twin_sentence(s)
    yield Group(
        "tau", "exhaustion time", alone, "s",
        f"{at} this layer runs dry above the {_electrode(s)} electrode in"
        f" {seconds(alone)}{sides}{twin}",
    )  # fmt: skip
    if fed is not None:
        yield Group("t_dry", "time to dryness, fed from the sides", fed, "s", _fed(s, at, fed, alone))
    coin = limits.coin_twin(s)
    if coin is not None and coin.dry is not None:
        yield Group(
            "t_coin", "time to dryness in a coin cell", coin.dry, "s",
            f"{at} {_coin_name(coin)} {_lasts(coin)}",
        )  # fmt: skip


def _coin_name(coin: limits.CoinTwin) -> str:
    return f"a coin cell ({coin.name}, separator of {metres(coin.thickness)})"


def _lasts(coin: limits.CoinTwin) -> str:
    if coin.dry is None or limits.never(coin.dry):
        return f"would never run dry: its limiting current is {current_density(coin.limit)}"
    limit = current_density(coin.limit)
    return f"would last {seconds(coin.dry)}, because its limiting current is only {limit}"


def _twin_sentence(s: Situation) -> str:
    coin = limits.coin_twin(s)
    if coin is None or coin.dry is None:
        return ""
    if limits.never(coin.dry):
        limit = current_density(coin.limit)
        return f"; a coin cell would never run dry (limiting current {limit})"
    return f"; a coin cell would last {seconds(coin.dry)}"


def _fed(s: Situation, at: str, fed: float, alone: float) -> str:
    if limits.never(fed):
        return (
            f"{at} and with what diffuses in from the sides, a uniform current never dries this"
            f" layer"
            f" out (alone, the liquid above the {_electrode(s)} electrode would last"
            f" {seconds(alone)})"
        )
    reach = metres(capacity.spread_length(s.diffusivity, fed))
    limit = limits.limiting_current(s)
    after = ""
    if limit is not None and s.current_density is not None:
        lowest = limit.value if limit.slow is None else min(limit.slow, limit.value)
        if s.current_density < lowest:
            after = "; then it crowds where the gap feeds it, and goes on below the limiting current"
    return (
        f"{at} and a uniform current the driest place of the {_electrode(s)} electrode is dry in"
        f" {seconds(fed)}, fed from the sides over {reach}{after}"
    )


def _limit(s: Situation) -> Iterator[Group]:
    limit = limits.limiting_current(s)
    if limit is None:
        return
    text = current_density(limit.value)
    sentence = {
        "coin": f"this coin cell carries {text} for ever and no more",
        "closed": f"this closed cell carries {text} for ever and no more: what the {_electrode(s)}"
        " electrode takes has to diffuse back across the gap",
        "reservoir": f"between its two reservoirs this layer carries {text} for ever and no more",
    }[limit.ends]
    if limit.slow is not None:
        sentence += f" ({current_density(limit.slow)} if the other electrode is slow)"
    yield Group("i_lim", "limiting current density", limit.value, "A/m^2", sentence)
    i = s.current_density
    if i is not None:
        ratio = i / limit.value
        end = "less than the cell carries for ever: it can go on as long as there is metal"
        if limit.slow is not None and i > limit.slow:
            end = "and more than a slow counter electrode allows: the run will say for how long"
        if ratio >= 1:
            end = "more than the cell carries for ever: it must come to an end"
        yield Group(
            "i/i_lim", "current over limiting current", ratio, "",
            f"{current_density(i)} is {number(ratio)} times the limiting current, {end}",
        )  # fmt: skip
    coin = limits.coin_twin(s)
    if coin is not None:
        yield Group(
            "i_lim_coin", "limiting current density of a coin cell", coin.limit, "A/m^2",
            f"{_coin_name(coin)} carries {current_density(coin.limit)},"
            f" {number(coin.limit / limit.value)}"
            " times as much per area of electrode as this cell",
        )  # fmt: skip


def _sweep(s: Situation) -> Iterator[Group]:
    step = next((step for step in s.case.protocol if step.sweep is not None), None)
    if step is None or step.sweep is None or s.reactant is None:
        return
    table, t_plus = s.reactant[1], s.transference
    couple = table.type == "redox"
    factor = float(s.charge)
    if not couple and not s.electrolyte.supported:
        factor = 1 / float(s.electrolyte.diffusion_potential_factor(s.electrolyte.concentration))
    rate = depletion.wave_rate(step.sweep.rate, factor, s.temperature)
    effective = s.diffusivity * s.porosity ** (s.exponent - 1)
    classic = depletion.wave_rate(step.sweep.rate, float(s.charge), s.temperature)
    h = depletion.sweep_number(s.height, classic, effective)
    regime = "it is emptied like a thin layer" if h < 1 else "diffusion limits it as in deep liquid"
    speed = f"{number(step.sweep.rate * 1e3)} mV/s"
    if 1 <= h < 5:
        regime = "it is between a thin layer and deep liquid"
    yield Group(
        "H", "sweep number h sqrt(zF nu/RTD)", h, "",
        f"during a wave at {speed} salt diffuses {number(1 / h)} times the height: {regime}",
    )  # fmt: skip
    c = s.cations * s.porosity
    if couple:
        thin = depletion.couple_peak_thin(s.height, rate, c, s.charge)
        thick = depletion.couple_peak_thick(effective, rate, c, s.charge)
    else:
        thin = depletion.metal_peak_thin(s.height, rate, c, s.charge, t_plus)
        thick = depletion.metal_peak_thick(effective, rate, c, s.charge, t_plus)
    kind = "the couple" if couple else "plating"
    yield Group(
        "i_p_thin", "peak current density, thin limit", thin, "A/m^2",
        f"at {speed}, reversible and without ohmic drop, {kind} peaks at"
        f" {current_density(thin)} while the"
        " layer is emptied evenly (H well below 1)",
    )  # fmt: skip
    yield Group(
        "i_p_thick", "peak current density, thick limit", thick, "A/m^2",
        f"at {speed}, reversible and without ohmic drop, {kind} peaks at"
        f" {current_density(thick)} in deep"
        " liquid (H well above 1)",
    )  # fmt: skip


def _distribution(s: Situation) -> Iterator[Group]:
    if s.exchange is not None and s.kinetics is not None:
        slope = s.kinetics.kinetics.slope_at_equilibrium()
        resistance = secondary.charge_transfer_resistance(s.exchange, slope, s.temperature)
        yield from _kinetic_groups(s, resistance, "", "at equilibrium")
    i = s.current_density
    if i is not None and s.kinetics is not None:
        differential = s.differential_resistance(i, cathodic=s.plates)
        if differential is not None:
            yield from _kinetic_groups(s, differential, "_i", f"at {current_density(i)}")


def _kinetic_groups(s: Situation, resistance: float, mark: str, when: str) -> Iterator[Group]:
    yield Group(
        f"R_ct{mark}", f"charge-transfer resistance {when}", resistance, "ohm m^2",
        f"{when} the kinetics resist with {number(resistance * 1e4)} ohm cm^2",
    )  # fmt: skip
    if not isinstance(s.case.cell, ChipCell):
        return
    width = s.width(Tag.WORKING)
    numbers = (s.height, s.conductivity, resistance)
    biot, wagner = secondary.biot_number(*numbers), secondary.wagner_number(*numbers, width)
    length = secondary.penetration_length(s.height, biot)
    yield Group(
        f"Bi{mark}", f"Biot number h/(kappa R_ct) {when}", biot, "",
        f"{when} one height of liquid resists {number(biot)} times as much as the reaction",
    )  # fmt: skip
    part = f"{number(length / width)} widths of the electrode"
    even = (
        "the current is nearly uniform"
        if wagner > 5
        else ("the current is uneven" if wagner > 0.1 else "most of the electrode gets no current")
    )
    yield Group(
        f"l{mark}", f"penetration length {when}", length, "m",
        f"{when} the current reaches {metres(length)} from the edge into the electrode: {part}",
    )  # fmt: skip
    yield Group(
        f"Wa{mark}", f"thin-cell Wagner number kappa h R_ct/w^2 {when}", wagner, "",
        f"{when} the Wagner number is {number(wagner)}: by resistances alone, {even}",
    )  # fmt: skip


def _resistance(s: Situation) -> Iterator[Group]:
    area = s.area(Tag.WORKING)
    if area is None or s.section is None:
        return
    if isinstance(s.case.cell, CoinCell):
        ohms = s.height / (s.conductivity * min(area, s.section.footprint(Tag.COUNTER)))
        where = "the separator"
    else:
        ohms = s.coplanar().resistance() / (s.conductivity * s.section.length)
        where = "the liquid between the electrodes (as long as it keeps its salt)"
    yield Group("R", "ohmic resistance", ohms, "ohm", f"{where} resists with {quantity(ohms, 'ohm')}")
    if s.current_density is not None:
        drop = s.current_density * area * ohms
        total = quantity(s.current_density * area, "A")
        yield Group(
            "IR", "ohmic drop", drop, "V",
            f"{current_density(s.current_density)}, in total {total}, costs {volts(drop)} in"
            f" the liquid",
        )  # fmt: skip


def _transport(s: Situation) -> Iterator[Group]:
    e = s.electrolyte
    debye = e.debye_length()
    bound = "at most (the background is not counted) " if e.supported else ""
    yield Group(
        "lambda_D", "Debye length", debye, "m",
        f"double layers are {bound}{metres(debye)} thick, {number(debye / s.height)} of the height",
    )  # fmt: skip
    effective = s.diffusivity * s.porosity ** (s.exponent - 1)
    through = s.height**2 / effective
    yield Group(
        "t_h", "diffusion time through the height", through, "s",
        f"concentrations even out through the {metres(s.height)} of the height in"
        f" {seconds(through)}",
    )  # fmt: skip
    if isinstance(s.case.cell, ChipCell):
        gap = s.case.cell.gap
        across = gap**2 / effective
        yield Group(
            "t_g", "diffusion time across the gap", across, "s",
            f"salt diffuses across the gap of {metres(gap)} in {seconds(across)}",
        )  # fmt: skip
        assert s.section is not None
        settle = capacity.settling_time(s.section.end - s.section.start, effective)
        length = metres(pi * (settle * effective) ** 0.5)
        yield Group(
            "t_L", "settling time of the layer", settle, "s",
            f"the whole layer of {length} needs {seconds(settle)} to come to a steady state",
        )  # fmt: skip


def _stream(s: Situation) -> Iterator[Group]:
    if s.case.flow is None:
        return
    found, brought = channel(s.case), supply(s.case)
    through = "all of the flow" if found.share == 1 else f"{number(100 * found.share)} % of the flow"
    under = "" if found.drop is None else f", under {number(found.drop / 1e5)} bar between its ends"
    yield Group(
        "U", "mean velocity above the working electrode", found.mean, "m/s",
        f"{through} passes the thin layer, at {quantity(found.mean, 'm/s')} above the working"
        f" electrode{under}",
    )  # fmt: skip
    yield Group("q", "share of the flow through the layer", found.share, "", f"the layer gets {through}")
    yield Group(
        "Pe", "Peclet number U h/D", brought.peclet, "",
        f"the stream outruns diffusion by {number(brought.peclet)} over one height",
    )  # fmt: skip
    kind = "Leveque's limit applies: the emptied layer is thin against the height"
    if not brought.thin_layer:
        kind = f"the {_electrode(s)} electrode takes all that the stream brings (consumption)"
    yield Group(
        "Lv", "Leveque number U h^2/(D l)", brought.leveque_number, "",
        f"at a Leveque number of {number(brought.leveque_number)} {kind}",
    )  # fmt: skip
    yield Group(
        "i_flow", "limiting current density of the stream", brought.limit, "A/m^2",
        f"the stream alone brings {current_density(brought.limit)}, besides what diffuses along the layer",
    )  # fmt: skip


def _metal(s: Situation) -> Iterator[Group]:
    if s.reactant is None or s.reactant[1].type != "plating" or not s.reactant[1].metal:
        return
    metal = s.reactant[1].metal
    volume = molar_volume(metal)
    above = limits.liquid_above(s, Tag.WORKING)
    film = s.cations * s.porosity * above * volume
    yield Group(
        "d", "metal in the layer above the electrode", film, "m",
        f"all {metal} dissolved above the working electrode makes a film of {metres(film)}",
    )  # fmt: skip
    i = s.current_density
    if i is not None:
        rate = i * volume / (s.charge * FARADAY)
        verb = "grows" if s.plates else "dissolves"
        yield Group(
            "v", "deposit rate", rate, "m/s",
            f"at {current_density(i)} dense {metal} {verb} by {quantity(rate, 'm/s')}, if all"
            f" current is"
            " the metal's",
        )  # fmt: skip


__all__ = ["Group", "groups", "inf"]
