"""Find objects and name them."""

from polyclinic.tasks.instances.proposals import ProposalConfig
from polyclinic.tasks.instances.task import BoxHeadConfig, Instances, InstancesConfig

__all__ = ["BoxHeadConfig", "Instances", "InstancesConfig", "ProposalConfig"]
