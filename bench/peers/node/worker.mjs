// What the workers of piscina and tinypool run.
import Piscina from "piscina";

export const nothing = () => {};
export const echo = (value) => value;

// Handed over in both directions: the memory itself moves, nothing is copied.
export const move = (value) => Piscina.move(value);
