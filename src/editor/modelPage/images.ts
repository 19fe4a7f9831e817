/**
 * Larger images are not shown, nor more than so many images of one version, each of which is a request, or so many bytes
 * of them. A model card may refer to every file of its version.
 */
export const MOST_IMAGE_BYTES = 2 * 1024 * 1024;
export const MOST_IMAGES = 200;
export const MOST_IMAGES_BYTES = 16 * 1024 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  // In an <img> it runs no script and loads nothing.
  svg: 'image/svg+xml',
};

/** The media type of an image that a page can show, by its name; undefined for any other file. */
export function imageType(path: string): string | undefined {
  const [, extension = ''] = /\.([a-z]+)$/i.exec(path) ?? [];
  const type = extension.toLowerCase();
  return Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
}
