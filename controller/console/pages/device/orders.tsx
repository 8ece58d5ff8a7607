/** The orders of the device: what was asked of it, what it did step by step, and what it signed for. */
import { useSearchParams } from "react-router";
import { OrderPage } from "../../../../protocol/api-device.ts";
import type { DeviceId } from "../../../../protocol/ids.ts";
import { ApiCall } from "../../components/api-call.tsx";
import { Empty } from "../../components/empty.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { ViewPart } from "../../components/view-part.tsx";
import { useView } from "../../hooks/use-view.ts";
import styles from "./device.module.css";
import { Order } from "./order.tsx";

export function Orders({ device }: { readonly device: DeviceId }) {
  const [query] = useSearchParams();
  const cursor = query.get("orders");
  const path = `/devices/${device}/orders${cursor === null ? "" : `?${new URLSearchParams({ cursor }).toString()}`}`;
  const view = useView(OrderPage, path, [{ topic: "fleet" }, { topic: "rollout" }]);
  return (
    <Panel title="Orders" id="orders">
      <ViewPart what="orders" view={view}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <Empty what="No order was ever given to this device.">
                <p>A rollout that reaches it shows here, with every step and the receipt that the device signs.</p>
              </Empty>
            ) : (
              <ul className={styles["orders"]}>
                {items.map((order) => (
                  <Order key={order.id} order={order} />
                ))}
              </ul>
            )}
            <Pager next={next} param="orders" label="Pages of orders" first="Newest orders" further="Older orders" />
            <ApiCall path={path} />
          </>
        )}
      </ViewPart>
    </Panel>
  );
}
