// For tinypool, which has no move: without the import of piscina.
export const nothing = () => {};
export const echo = (value) => value;
