using Kernmantle.Host.Limiting.ControlGroups;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Host.Limiting;

/// <summary>Says by what means worker processes are held to limits.</summary>
internal static class ProcessEnforcement
{
    private const string NeedsLinux = "It needs Linux and /proc.";

    private const string NoGroup =
        "It needs a control group with the controller pids in which this program may make others, and there is none: RLIMIT_NPROC counts all "
        + "processes of a user and does not bind root. Start the program under systemd-run --user --scope -p Delegate=yes, or give its container "
        + "a writable /sys/fs/cgroup.";

    public static EnforcedLimits Of(IReadOnlyDictionary<string, GroupPlace> places)
    {
        bool linux = ProcessGauges.IsSupported;
        return new()
        {
            WallTime = new(LimitMeans.Timer, "From the begin of the call; then its worker is killed."),
            CpuTime = linux
                ? new(LimitMeans.Watch | LimitMeans.ResourceLimit | GroupMeans(GroupPlaces.CpuAccounting), places.ContainsKey(GroupPlaces.CpuAccounting)
                    ? "The worker and what it starts; RLIMIT_CPU, 2 s later, for the worker itself."
                    : "The worker itself, not what it starts; RLIMIT_CPU ends it 2 s later where the host does not get to.")
                : new(LimitMeans.None, NeedsLinux),
            Memory = linux
                ? new(LimitMeans.Watch | GroupMeans(GroupPlaces.Memory), places.ContainsKey(GroupPlaces.Memory)
                    ? "The watch sees the worker itself; the control group also what it starts, and what grows faster than the watch looks."
                    : "The worker itself, not what it starts. What grows faster than the watch looks passes the limit for some milliseconds.")
                : new(LimitMeans.None, NeedsLinux),
            Processes = places.ContainsKey(GroupPlaces.Processes)
                ? new(LimitMeans.Watch | GroupMeans(GroupPlaces.Processes), "The worker's threads, and what it starts. The kernel refuses one more, the watch notices that and kills.")
                : new(LimitMeans.None, NoGroup),
            OpenFiles = linux
                ? new(LimitMeans.ResourceLimit, "RLIMIT_NOFILE: the kernel refuses one more, and the call that fails by that has this failure.")
                : new(LimitMeans.None, NeedsLinux),
            Output = new(LimitMeans.Count, "What loggers and the console write, exactly; what native code writes, as far as it has arrived before the call's end."),
        };

        LimitMeans GroupMeans(string controller) => places.TryGetValue(controller, out GroupPlace? place)
            ? place.IsUnified ? LimitMeans.ControlGroupV2 : LimitMeans.ControlGroupV1
            : LimitMeans.None;
    }
}
