namespace Kernmantle.Wire.Start;

/// <summary>Which of the host's variables a worker inherits.</summary>
internal static class InheritedVariables
{
    /// <summary>What belongs to the host alone: tools that attach to one process, write to one file or wait for one client.</summary>
    private static readonly string[] Dropped =
    [
        LaunchVariables.Ticket,
        LaunchVariables.Restore,
        LaunchVariables.Depth,
        "DOTNET_DiagnosticPorts",
        "DOTNET_DefaultDiagnosticPortSuspend",
        "DOTNET_EnableEventPipe",
        "DOTNET_EventPipe*",
        "COMPlus_EnableEventPipe",
        "COMPlus_EventPipe*",
        "CORECLR_ENABLE_PROFILING",
        "CORECLR_PROFILER*",
        "COR_ENABLE_PROFILING",
        "COR_PROFILER*",
        "DOTNET_WATCH*",
        "DOTNET_HOTRELOAD*",
        "DOTNET_MODIFIABLE_ASSEMBLIES",
        "COMPlus_ForceENC",
        "DOTNET_ForceENC",
    ];

    /// <summary>What a worker gets even when only named variables are passed: without these the same program may start differently, or not at all.</summary>
    private static readonly string[] Essential =
    [
        "DOTNET_*", "COMPlus_*", "LD_LIBRARY_PATH", "PATH", "HOME", "TMPDIR", "TZ", "TZDIR", "LANG", "LANGUAGE", "LC_*", "ICU_DATA", "SSL_CERT_FILE", "SSL_CERT_DIR",
    ];

    /// <summary>Start-up hooks of <c>dotnet watch</c>: they talk to the watcher about one process.</summary>
    private static readonly string[] DroppedHooks = ["Microsoft.Extensions.DotNetDeltaApplier", "Microsoft.AspNetCore.Watch.BrowserRefresh"];

    /// <param name="host">The host's variables.</param>
    /// <param name="passed">The names to pass on; null for all.</param>
    public static Dictionary<string, string> Select(IReadOnlyDictionary<string, string> host, IReadOnlyList<string>? passed)
    {
        var selected = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in host)
        {
            if (Matches(Dropped, name) || (passed?.Contains(name) == false && !Matches(Essential, name)))
                continue;
            selected[name] = value;
        }
        return selected;
    }

    /// <summary>The hooks of a list that also run in workers: without ours, which is put first separately, and without the watcher's.</summary>
    public static string[] Hooks(string? list, string ours) =>
        [.. (list ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(hook => hook != ours && !DroppedHooks.Contains(Path.GetFileName(hook).Replace(".dll", "", StringComparison.Ordinal)))];

    private static bool Matches(string[] patterns, string name)
    {
        foreach (string pattern in patterns)
        {
            if (pattern[^1] == '*' ? name.AsSpan().StartsWith(pattern.AsSpan(..^1), StringComparison.OrdinalIgnoreCase) : name.Equals(pattern, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
