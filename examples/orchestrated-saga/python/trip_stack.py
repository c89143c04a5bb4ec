from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from cdk_integration_patterns import OrchestratedSaga, SagaStep, UnknownOutcome
from constructs import Construct

from service import Service


class TripStack(Stack):
    """A trip over five services: everything is booked, or nothing is left of it."""

    def __init__(self, scope: Construct, id: str, **kwargs) -> None:
        super().__init__(scope, id, **kwargs)

        hotels = Service(self, "Hotels", code="reservations", environment={"OFFER": "hotel"})
        flights = Service(self, "Flights", code="reservations", environment={"OFFER": "flight"})
        cars = Service(self, "Cars", code="reservations", environment={"OFFER": "car"})
        payments = Service(self, "Payments", code="payments")
        tickets = Service(self, "Tickets", code="tickets")

        trip = OrchestratedSaga(
            self,
            "Trip",
            steps=[
                reserve("ReserveHotel", hotels),
                SagaStep.parallel("Transport", [reserve("ReserveFlight", flights), reserve("ReserveCar", cars)]),
                SagaStep.function(
                    "Charge",
                    action=payments.function("charge"),
                    compensation=payments.function("refund"),
                    timeout=Duration.seconds(10),
                    abort_on=["CardDeclined"],
                    on_unknown=UnknownOutcome.query(payments.function("find")),
                    pivot=True,
                ),
                SagaStep.function("SendTicket", action=tickets.function("send"), retriable=True),
            ],
            deadline=Duration.minutes(5),
            removal_policy=RemovalPolicy.DESTROY,
        )

        CfnOutput(self, "TripStateMachine", value=trip.state_machine.state_machine_arn)
        CfnOutput(self, "RecoveryStateMachine", value=trip.recovery_state_machine.state_machine_arn)
        for service in (hotels, flights, cars, payments):
            CfnOutput(self, f"{service.node.id}Table", value=service.table.table_name)


def reserve(step: str, service: Service) -> SagaStep:
    return SagaStep.function(
        step,
        action=service.function("reserve"),
        compensation=service.function("cancel"),
        abort_on=["SoldOut"],
    )
