using Kernmantle.Host.Launch.Plan;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Start;

namespace Kernmantle.Host.Launch;

/// <summary>All that decides how a worker of this program starts, options and this process's own state at that time alike: until they are greeted, two with the same are alike.</summary>
/// <param name="File">What is executed.</param>
/// <param name="Arguments">Its arguments; the first is its own name.</param>
/// <param name="Environment">The whole of it, with the worker's ticket.</param>
/// <param name="WorkingDirectory">Where; as asked for, or this process's own.</param>
/// <param name="RunsHooks">Code of the program's runs before ours: its start-up hooks.</param>
internal sealed record LaunchCommand(string File, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string? WorkingDirectory, bool RunsHooks)
{
    /// <exception cref="PlatformNotSupportedException">This program cannot start workers.</exception>
    public static LaunchCommand Of(LaunchRequest request)
    {
        LaunchPlan plan = LaunchPlan.Current;
        var ticket = new WorkerTicket(WorkerProcess.ChannelDescriptor, System.Environment.ProcessId, request.Shared?.RingBytes ?? 0);
        Dictionary<string, string> environment = WorkerEnvironment.Build(request, HostEnvironment.Read(), plan.HookName, ticket, plan.Direct is not null, out bool direct);
        (string file, IReadOnlyList<string> arguments) = direct ? (plan.Direct!.Executable, plan.Direct.Arguments) : (plan.Executable, plan.Arguments);
        bool hooks = plan.HasHooks || InheritedVariables.Hooks(environment.GetValueOrDefault(LaunchVariables.StartupHooks), plan.HookName) is not [];
        return new(file, [file, .. arguments], environment, request.WorkingDirectory ?? ProcFiles.WorkingDirectory(), hooks);
    }

    /// <summary>What is not the same; null if all is.</summary>
    public string? DifferenceFrom(LaunchCommand other) =>
        File != other.File || !Arguments.SequenceEqual(other.Arguments) ? "the command line"
        : WorkingDirectory != other.WorkingDirectory ? "the working directory"
        : Environment.Concat(other.Environment).FirstOrDefault(v => Environment.GetValueOrDefault(v.Key) != other.Environment.GetValueOrDefault(v.Key)).Key is { } name ? $"the environment variable {name}"
        : null;
}
