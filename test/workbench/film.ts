import { writeFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import UPNG from 'upng-js';

interface Frame {
  readonly png: Buffer;
  /** How long it is shown. */
  milliseconds: number;
}

/** Colours of the whole film; 0 would keep all, at three times the size. */
const COLOURS = 0;

/** How long a person needs to see where the pointer is. */
const POINTING = 900;

/** Milliseconds that a browser shows a frame at least: https://www.w3.org/TR/png-3/#fcTL-chunk leaves it to them. */
const SHORTEST = 20;

/** Draws an arrow where the pointer is: a screenshot has none. A frame of another origin tells nobody, so places are passed on, too. */
const DRAW_POINTER = `(() => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 24');
  svg.style.cssText = 'position:fixed;width:16px;height:24px;z-index:2147483647;pointer-events:none;left:-99px;top:0';
  const arrow = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  arrow.setAttribute('d', 'M1 1v18l4.5-4.5L8.5 22l3-1.5-3-7H15z');
  arrow.setAttribute('fill', '#fff');
  arrow.setAttribute('stroke', '#000');
  svg.append(arrow);
  document.body.append(svg);
  globalThis.hidePointer = () => svg.remove();
  globalThis.placePointer = (x, y) => { svg.style.left = x + 'px'; svg.style.top = y + 'px'; };
  document.addEventListener('mousemove', (event) => placePointer(event.clientX, event.clientY), true);
})()`;

/** What a person sees of a window over time, to be kept as one animated PNG. */
export class Film {
  readonly #page: Page;
  readonly #frames: Frame[] = [];

  private constructor(page: Page) {
    this.#page = page;
  }

  /** @param page Shows an arrow at the pointer until the {@link end}. */
  static async of(page: Page): Promise<Film> {
    await page.evaluate(DRAW_POINTER);
    return new Film(page);
  }

  /** Takes what the window shows now, for that many milliseconds of the film. */
  async show(milliseconds: number): Promise<void> {
    (await this.#take()).milliseconds += milliseconds;
  }

  /** The frame of what the window shows now: the last one, as long as nothing changes. */
  async #take(): Promise<Frame> {
    const png = await this.#page.screenshot();
    const last = this.#frames.at(-1);
    if (last?.png.equals(png)) return last;
    const frame: Frame = { png, milliseconds: 0 };
    this.#frames.push(frame);
    return frame;
  }

  /** Points at something, long enough to be seen, and clicks. */
  async click(target: Locator, button: 'left' | 'right' = 'left'): Promise<void> {
    await this.pointAt(target);
    await this.show(POINTING);
    await target.click({ button });
  }

  /** Moves the pointer onto something. */
  async pointAt(target: Locator): Promise<void> {
    await target.hover();
    const box = await target.boundingBox();
    if (box === null) throw new Error(`${String(target)} is not in the window.`);
    await this.#page.evaluate(`placePointer(${box.x + box.width / 2}, ${box.y + box.height / 2})`);
  }

  /** Types at a person's pace into what has the focus. */
  async type(text: string): Promise<void> {
    for (const part of text.match(/.{1,3}/gu) ?? []) {
      await this.#page.keyboard.type(part);
      await this.show(150);
    }
  }

  /** Takes one frame after another, each for as long as it is seen, until something has happened. */
  async until(happened: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await happened())) {
      const began = performance.now();
      const frame = await this.#take();
      frame.milliseconds += Math.max(SHORTEST, Math.round(performance.now() - began));
    }
  }

  /** Takes one frame after another until nothing changes any more. */
  async settle(milliseconds: number): Promise<void> {
    for (let taken = -1; taken !== this.#frames.length;) {
      taken = this.#frames.length;
      await this.show(milliseconds);
    }
  }

  /** Writes it, to be shown without end, and takes the arrow away. */
  async end(path: string): Promise<void> {
    await this.#page.evaluate('hidePointer()');
    const images = this.#frames.map(({ png }) => UPNG.decode(new Uint8Array(png).buffer));
    const [first] = images;
    if (first === undefined) throw new Error('The film has no frames.');
    const pixels = images.map((image) => {
      const [frame] = UPNG.toRGBA8(image);
      if (frame === undefined) throw new Error('A screenshot holds no picture.');
      return frame;
    });
    const delays = this.#frames.map(({ milliseconds }) => milliseconds);
    await writeFile(path, new Uint8Array(UPNG.encode(pixels, first.width, first.height, COLOURS, delays)));
  }
}
