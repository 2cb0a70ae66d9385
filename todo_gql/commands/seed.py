"""`todo-gql seed`: example todos, created over HTTP as any REST caller would: how a bakery opens, in 42 steps."""

import argparse
import json
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from todo_gql.commands.failures import CommandError

TIMEOUT_S: Final = 10


class Step(NamedTuple):
    """A todo to create; `after` is the title of the one that must be done first."""

    title: str
    description: str
    after: str | None


STEPS: Final = (
    Step("Write the business plan", "Four pages, one of them numbers.", None),
    Step("Choose a name", "Short enough for a paper bag.", "Write the business plan"),
    Step("Register the company", "Bring both passports.", "Choose a name"),
    Step("Open a bank account", "Compare the fees for cash.", "Register the company"),
    Step("Apply for the start-up loan", "The bank wants the plan and three offers.", "Open a bank account"),
    Step("Take out insurance", "Fire, water, liability, broken ovens.", "Register the company"),
    Step("Find premises", "A corner shop, morning sun, a back door for flour.", "Apply for the start-up loan"),
    Step("Have the premises inspected", "Load of the floor, fuse box, chimney.", "Find premises"),
    Step("Sign the lease", "Ten years with a way out after five.", "Have the premises inspected"),
    Step("Order three-phase power", "The deck oven takes 32 amperes.", "Sign the lease"),
    Step("Draw the floor plan", "Flour in at the back, bread out at the front.", "Sign the lease"),
    Step("Lay the floor tiles", "Slip class R11 behind the counter.", "Draw the floor plan"),
    Step("Install the ventilation", "Hood above the oven, filter for flour dust.", "Draw the floor plan"),
    Step("Paint the shop", "", "Lay the floor tiles"),
    Step("Build the counter", "Oak, with a glass front.", "Paint the shop"),
    Step("Order the deck oven", "Three decks, stone plates; delivery takes eight weeks.", "Draw the floor plan"),
    Step("Connect the oven", "Electrician and manufacturer on the same day.", "Order the deck oven"),
    Step("Test the oven", "Every deck at 250 degrees for an hour.", "Connect the oven"),
    Step("Buy a spiral mixer", "Second-hand, 60 litres, bowl that lifts out.", "Draw the floor plan"),
    Step("Buy proofing baskets", "Eighty round, forty long.", "Buy a spiral mixer"),
    Step("Visit the mill", "Ask for the ash content of the spelt.", "Choose a name"),
    Step("Agree on a flour price", "Fixed until the next harvest.", "Visit the mill"),
    Step("Order the first flour", "Half a tonne of wheat, a quarter of rye.", "Agree on a flour price"),
    Step("Find a dairy", "Butter in five-kilo blocks.", "Visit the mill"),
    Step("Start the sourdough", "Rye and water; feed it every day.", "Order the first flour"),
    Step("Write down the recipes", "In baker's percentages.", "Start the sourdough"),
    Step("Bake the first rye loaf", "Expect a brick.", "Test the oven"),
    Step("Bake the second rye loaf", "Longer proof, less water.", "Bake the first rye loaf"),
    Step("Practise croissants", "Three folds, cold hands.", "Find a dairy"),
    Step("Invite friends to taste", "Ask what they would come back for.", "Bake the second rye loaf"),
    Step("Settle the range", "Five breads, four pastries, no cake.", "Invite friends to taste"),
    Step("Calculate the prices", "Flour, hours, rent, and the loaves left over.", "Settle the range"),
    Step("Print the price tags", "With allergens.", "Calculate the prices"),
    Step("Hire a second baker", "Someone who likes three in the morning.", "Settle the range"),
    Step("Hire sales staff", "Two, for mornings and Saturdays.", "Build the counter"),
    Step("Teach the hygiene course", "Certificates into the folder.", "Hire sales staff"),
    Step("Buy a cash register", "One that the tax office accepts.", "Build the counter"),
    Step("Hang the sign", "Gilded, lit from below.", "Paint the shop"),
    Step("Pass the health inspection", "Thermometers, sinks, the folder.", "Teach the hygiene course"),
    Step("Announce the opening", "Posters, the local paper, the choir.", "Print the price tags"),
    Step("Bake through the night", "Two hundred rolls, sixty loaves.", "Pass the health inspection"),
    Step("Open the door", "Six o'clock. Smile.", "Bake through the night"),
)


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    for line in seed(options.url):
        print(line)
    return 0


def seed(url: str) -> Iterator[str]:
    """Create the example todos at the service of this address, and yield a line for each.

    Raises:
        CommandError: no todo service answers there, or it refuses one.
    """
    connection, path = _connection(url)
    ids: dict[str, str] = {}
    try:
        for number, step in enumerate(STEPS, start=1):
            body = {"title": step.title, "description": step.description}
            if step.after is not None:
                body["depends_on"] = ids[step.after]
            ids[step.title] = _post(connection, path, body)
            yield f"{number:2} of {len(STEPS)}  {ids[step.title]}  {step.title}"
    except (OSError, HTTPException) as error:
        raise CommandError(f"No service answers at {url}: start one with todo-gql serve.") from error
    finally:
        connection.close()


def _connection(url: str) -> tuple[HTTPConnection, str]:
    """Prepare the connection to the service, and the path of its todos."""
    connection_types = {"http": HTTPConnection, "https": HTTPSConnection}
    try:
        parts = urlsplit(url)
        connection = connection_types[parts.scheme](parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    except (ValueError, LookupError, HTTPException) as error:
        raise CommandError(f"{url} is not the address of a service: try http://127.0.0.1:8082.") from error
    return connection, f"{parts.path.rstrip('/')}/todos"


def _post(connection: HTTPConnection, path: str, body: dict[str, str]) -> str:
    """Create one todo and answer its id."""
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.read()
    if response.status != HTTPStatus.CREATED:
        excerpt = answer[:200].decode(errors="replace")
        raise CommandError(f"POST {path} was answered with status {response.status}: {excerpt!r}.")
    try:
        return str(json.loads(answer)["id"])
    except (ValueError, LookupError, TypeError) as error:
        raise CommandError(f"POST {path} was not answered with a todo that has an id.") from error
