using Kernmantle.Platform.Linux;
using Kernmantle.Wire.Start;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Child.Hook;

/// <summary>The first code of ours in a worker. It takes the process over for good: the program's <c>Main</c> never runs.</summary>
internal static class WorkerEntry
{
    /// <summary>From the start-up hook, which is called in any process that has it in its environment.</summary>
    public static void RunIfWorker()
    {
        if (!TryTake(out WorkerTicket ticket))
            return;
        HookDependencies.FindBeside(typeof(WorkerEntry).Assembly);
        UserHooks.Run();
        Run(ticket);
    }

    /// <summary>Binds the process to its host, and cleans its environment. False: it is no worker.</summary>
    public static bool TryTake(out WorkerTicket ticket)
    {
        ticket = default;
        string? text = Environment.GetEnvironmentVariable(LaunchVariables.Ticket);
        if (string.IsNullOrEmpty(text))
            return false;
        if (!WorkerTicket.TryParse(text, out ticket))
            throw new InvalidOperationException($"{LaunchVariables.Ticket} is set to '{text}', which no host of ours wrote. It must not be set by hand.");
        Descriptors.CloseOnExec(ticket.ChannelDescriptor);
        if (ticket.RingBytes > 0)
        {
            Descriptors.CloseOnExec(WorkerTicket.RingsDescriptor);
            Descriptors.CloseOnExec(WorkerTicket.BellDescriptor);
        }
        Lifeline.Bind(ticket.HostProcessId);
        RestoreEnvironment();
        return true;
    }

    /// <summary>Does not return.</summary>
    public static void Run(WorkerTicket ticket)
    {
        int code = ChildProcess.Run(new SafeFileHandle(ticket.ChannelDescriptor, ownsHandle: true), ticket);
        Environment.Exit(code);
    }

    /// <summary>.NET keeps a copy of the environment, native code reads the C library's: both are cleaned, or native code would pass our variables on.</summary>
    private static void RestoreEnvironment()
    {
        string? restore = Environment.GetEnvironmentVariable(LaunchVariables.Restore);
        Put(LaunchVariables.Ticket, null);
        Put(LaunchVariables.Restore, null);
        foreach ((string name, string? value) in RestoreList.Parse(restore))
            Put(name, value);
    }

    private static void Put(string name, string? value)
    {
        Environment.SetEnvironmentVariable(name, value);
        int result = value is null ? LibC.UnsetEnvironment(name) : LibC.SetEnvironment(name, value, overwrite: 1);
        if (result != 0)
            throw new InvalidOperationException($"The environment variable {name} could not be restored.");
    }
}
