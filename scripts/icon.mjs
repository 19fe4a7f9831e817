/** Draws media/icon.png, which the VSIX needs as a bitmap, from media/icon.svg. Run it after the drawing changed: `node --import tsx scripts/icon.mjs`. */
import { readFile, writeFile } from 'node:fs/promises';
import { chromium as playwright } from 'playwright-core';
import { chromium, chromiumFlags } from '../test/setup/chromium.ts';

const media = new URL('../media/', import.meta.url);
const browser = await playwright.launch({ executablePath: await chromium(), args: [...chromiumFlags] });
try {
  const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
  const drawing = await readFile(new URL('icon.svg', media), 'utf8');
  await page.setContent(`<body style="margin:0;background:transparent">${drawing}</body>`);
  await writeFile(new URL('icon.png', media), await page.screenshot({ omitBackground: true }));
} finally {
  await browser.close();
}
