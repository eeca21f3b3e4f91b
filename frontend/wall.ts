/** The instructor's wall: one tile a set, changed as the server tells. */
import { need, setText } from "./common/dom.ts";
import { points, type SetOnWall, sorted } from "./live/wall_sets.ts";

const SVG = "http://www.w3.org/2000/svg";

class Wall {
  private readonly sets = new Map<string, SetOnWall>();
  private readonly tiles = new Map<string, HTMLElement>();
  private tries = 0;

  constructor(private readonly list: HTMLElement) {
    const rows = JSON.parse(need(document, "#wall-rows").textContent ?? "[]") as SetOnWall[];
    for (const row of rows) this.take({ ...row, on: true, cue: null, trend: [] });
    this.connect();
  }

  private connect(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/live/wall/${this.list.dataset["wall"]}/`);
    const state = need(document, "[data-wall-state]");
    socket.addEventListener("message", (event) => {
      const message = JSON.parse(String(event.data)) as SetOnWall & { type: string };
      this.tries = 0;
      if (message.type === "set") this.take(message);
      else setText(state, this.list.dataset["watching"] ?? "");
    });
    socket.addEventListener("close", () => {
      setText(state, this.list.dataset["lost"] ?? "");
      setTimeout(() => this.connect(), Math.min(8000, 500 * 2 ** this.tries++));
    });
  }

  private take(one: SetOnWall): void {
    this.sets.set(one.set, one);
    const tile = this.tiles.get(one.set) ?? this.tile(one.set);
    tile.dataset["on"] = String(one.on);
    setText(need(tile, ".wall__name"), one.name);
    setText(need(tile, ".wall__count"), String(one.count));
    const state = this.list.dataset[one.on ? "on" : "over"] ?? "";
    setText(need(tile, "[data-cue]"), one.cue?.text ?? state);
    need(tile, "polyline").setAttribute("points", points(one.trend));
    for (const [index, set] of sorted([...this.sets.values()]).entries()) {
      const at = this.tiles.get(set.set);
      if (at && this.list.children[index] !== at) this.list.insertBefore(at, this.list.children[index] ?? null);
    }
  }

  private tile(set: string): HTMLElement {
    const tile = document.createElement("li");
    tile.className = "wall__set";
    for (const [tag, name] of [["span", "wall__name"], ["span", "wall__count"], ["span", "small"]] as const) {
      const part = document.createElement(tag);
      part.className = name;
      if (name === "small") part.dataset["cue"] = "";
      tile.append(part);
    }
    const trend = document.createElementNS(SVG, "svg");
    trend.setAttribute("class", "wall__trend");
    trend.setAttribute("viewBox", "0 0 100 30");
    trend.setAttribute("preserveAspectRatio", "none");
    trend.setAttribute("role", "img");
    trend.setAttribute("aria-label", this.list.dataset["speed"] ?? "");
    trend.append(document.createElementNS(SVG, "polyline"));
    tile.append(trend);
    this.tiles.set(set, tile);
    this.list.append(tile);
    return tile;
  }
}

const list = document.querySelector<HTMLElement>("[data-wall]");
if (list) new Wall(list);
