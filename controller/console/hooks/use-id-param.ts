/** An id out of the address, checked like every id: undefined if it is none. */
import { useParams } from "react-router";
import type { z } from "zod";

export function useIdParam<S extends z.ZodType>(name: string, schema: S): z.infer<S> | undefined {
  return schema.safeParse(useParams()[name]).data;
}
