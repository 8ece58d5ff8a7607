/** The routes, and what every page stands on. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createBrowserRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
import { ApprovalLayout } from "./components/approval-layout.tsx";
import { Layout } from "./components/layout.tsx";
import { ApprovePage } from "./pages/approve/approve-page.tsx";
import { PasskeyPage } from "./pages/approve/passkey-page.tsx";
import { WaitingPage } from "./pages/approve/waiting-page.tsx";
import { NotFound, PageBroke } from "./pages/lost.tsx";
import { DevicePage } from "./pages/device/device-page.tsx";
import { DevicesPage } from "./pages/devices/devices-page.tsx";
import { RolloutDevicesPage } from "./pages/devices/rollout-devices-page.tsx";
import { DetectionPage } from "./pages/detection/detection-page.tsx";
import { EnrolmentPage } from "./pages/enrolment/enrolment-page.tsx";
import { IncidentPage } from "./pages/incident/incident-page.tsx";
import { IncidentsPage } from "./pages/incidents/incidents-page.tsx";
import { OverviewPage } from "./pages/overview/overview-page.tsx";
import { PlanPage } from "./pages/plan/plan-page.tsx";
import { PlansPage } from "./pages/plan/plans-page.tsx";
import { ProposalPage } from "./pages/proposal/proposal-page.tsx";
import { RolloutPage } from "./pages/rollout/rollout-page.tsx";
import { SafetyPage } from "./pages/safety/safety-page.tsx";
import { SetupPage } from "./pages/setup/setup-page.tsx";
import { TrustPage } from "./pages/trust/trust-page.tsx";
import { theme } from "./theme/mantine.ts";

const client = new QueryClient({
  defaultOptions: {
    // A failed question is shown at once and asked again with the next refresh. `always`: the browser's opinion of the
    // network says nothing about a controller on this machine.
    queries: { retry: false, networkMode: "always", staleTime: 0 },
    mutations: { retry: false, networkMode: "always" },
  },
});

const router = createBrowserRouter([
  { path: "/setup", element: <SetupPage />, errorElement: <PageBroke /> },
  {
    element: <ApprovalLayout />,
    errorElement: <PageBroke />,
    children: [
      { path: "/approve", element: <WaitingPage /> },
      { path: "/approve/passkey", element: <PasskeyPage /> },
      { path: "/approve/:plan", element: <ApprovePage /> },
    ],
  },
  {
    element: <Layout />,
    errorElement: <PageBroke />,
    children: [
      { path: "/", element: <OverviewPage /> },
      { path: "/devices", element: <DevicesPage /> },
      { path: "/devices/:device", element: <DevicePage /> },
      { path: "/enrolment", element: <EnrolmentPage /> },
      { path: "/detection", element: <DetectionPage /> },
      { path: "/incidents", element: <IncidentsPage /> },
      { path: "/incidents/:incident", element: <IncidentPage /> },
      { path: "/incidents/:incident/proposal", element: <ProposalPage /> },
      { path: "/plans", element: <PlansPage /> },
      { path: "/plans/:plan", element: <PlanPage /> },
      { path: "/safety", element: <SafetyPage /> },
      { path: "/trust", element: <TrustPage /> },
      { path: "/rollouts/:rollout", element: <RolloutPage /> },
      { path: "/rollouts/:rollout/devices", element: <RolloutDevicesPage /> },
      { path: "*", element: <NotFound /> },
    ],
  },
]);

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
