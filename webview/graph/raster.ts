/** A picture of the graph in pixels, of the same SVG that is saved as one. */

/** As sharp as a dense screen, also where this one is not. */
const SCALE = 2;
/** Chromium refuses larger canvases, and nobody needs them. */
const MAX_SIDE_PX = 16_000;
const MAX_AREA_PX = 100e6;

export async function png(svg: string, widthPx: number, heightPx: number): Promise<Uint8Array> {
  const scale = Math.min(SCALE, MAX_SIDE_PX / widthPx, MAX_SIDE_PX / heightPx, Math.sqrt(MAX_AREA_PX / (widthPx * heightPx)));
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image(widthPx, heightPx);
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(widthPx * scale));
    canvas.height = Math.max(1, Math.round(heightPx * scale));
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('This editor gives no canvas to draw on');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob === null) throw new Error('The picture could not be written');
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    URL.revokeObjectURL(url);
  }
}
