"""`python -m bot.cli …` is `slipway …`, also where the program itself is not on the path."""

from bot.cli import main

main()
