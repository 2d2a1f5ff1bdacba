using System.Reflection;
using System.Runtime.CompilerServices;
using Kernmantle.Platform.Linux;

namespace Kernmantle.Host.Launch.Plan;

/// <summary>
/// Where a program cannot start workers, it is told so when it creates a pool. Trying would start the program's <c>Main</c> once more,
/// which would start workers, and so on.
/// </summary>
internal static class LaunchSupport
{
    private const string Threads = "Use threads instead.";

    /// <exception cref="PlatformNotSupportedException">With the reason and the remedy.</exception>
    public static void Check()
    {
        if (!OperatingSystem.IsLinux())
            throw NotSupported("they are there on Linux only so far", Threads);
        if (IsCompiledAhead())
            throw NotSupported("a program compiled ahead of time has no start-up hooks and cannot be entered a second time", "Publish without PublishAot, or use threads instead.");
        if (Environment.ProcessPath is not { } executable)
            throw NotSupported("the system does not say which file this process runs", "Is /proc mounted?");
        if (!File.Exists(executable))
            throw NotSupported($"this process's own file is gone ({executable})", "It was replaced or deleted while running: restart the program.");
        if (Assembly.GetEntryAssembly() is null)
            throw NotSupported("a native program has loaded .NET into itself, and starting it again would run that program", Threads);
        if (!ProcessFd.IsSupported())
            throw NotSupported("the system has no process descriptors (Linux 5.4 or later, x64 or arm64, and a container profile that allows pidfd_open)", Threads);
    }

    /// <summary>For a program whose workers can be started through its hook only.</summary>
    /// <exception cref="PlatformNotSupportedException">With the reason and the remedy.</exception>
    public static void CheckHooks()
    {
        if (AppContext.TryGetSwitch("System.StartupHookProvider.IsSupported", out bool hooks) && !hooks)
        {
            throw NotSupported(
                "start-up hooks are switched off in this program (System.StartupHookProvider.IsSupported is false)",
                "Set <StartupHookSupport>true</StartupHookSupport> in the project (trimming and PublishAot switch it off); in a file-based app, '#:property StartupHookSupport=true'.");
        }
    }

    /// <summary>
    /// PublishAot in a project switches dynamic code off even while it runs on the ordinary runtime, as file-based apps do by default;
    /// only that one has been given a list of assemblies by its host.
    /// </summary>
    private static bool IsCompiledAhead() =>
        !RuntimeFeature.IsDynamicCodeSupported && AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is null;

    public static PlatformNotSupportedException NotSupported(string reason, string remedy) =>
        new($"Worker processes are not available: {reason}. {remedy}");
}
