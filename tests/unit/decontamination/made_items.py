"""Made-up items of a benchmark, and an index of them."""

from pipeline.decontamination.items import Item

LONG = (
    "A miller grinds 340 sacks of rye in the first week of October and 25 fewer in each week that follows. The baker"
    " in the village takes a quarter of what is ground, and the brewer buys every ninth sack of the rest. How many"
    " sacks of rye are left in the barn of the miller when five weeks have gone by?"
)
MIDDLE = (
    "Which of these materials would a clockmaker choose for the pendulum of a tower clock, so that warm summers do not"
    " slow it down?"
)
SHORT = "What colour does litmus paper turn when dipped into lemon juice?"
ITEMS = (
    Item("rye", LONG, "917", ""),
    Item("clock", MIDDLE, "an alloy of iron and nickel", ""),
    Item("litmus", SHORT, "red", ""),
    Item("tiny", "Who built it?", "", ""),
    Item("joined", "Why do millstones need dressing?", "because their furrows wear flat after weeks of grinding", ""),
    Item(
        "water",
        "水车把河水提到高处的田里，请问它每转一圈能提多少升水，如果它有二十四个水斗而每个水斗装三升半？",
        "84",
        "",
    ),
)
PAGE = (
    "The old mill stands by the river, and its wheel turns day and night.\n"
    "Children of the village come in the evening and look at the stones, which are older than any house here.\n"
    "In winter the river freezes, and the miller goes to the forest to cut wood for the stove and for new cogs.\n"
)
OTHER_WORDS = ("harbour", "violin", "seven", "planet", "umbrella", "quickly")
