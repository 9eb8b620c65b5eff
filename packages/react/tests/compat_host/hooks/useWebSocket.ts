/** The file that the document's own snippet imports. */
export { useWebSocket } from "../../../src/compat/index";
