/** Mantine's theme: sizes and weights only; colours are in `tokens.css`. */
import { createTheme } from "@mantine/core";

export const theme = createTheme({
  cursorType: "pointer",
  defaultRadius: 6,
  respectReducedMotion: true,
});
