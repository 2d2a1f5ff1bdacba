using System.Globalization;
using Kernmantle.Wire.Start;

namespace Kernmantle.Host.Launch;

/// <summary>
/// The environment of a worker, decided in four layers: what it inherits; what the caller sets, which always wins; its share of the
/// processors; and what only its own runtime is told, which the hook takes back before user code runs.
/// </summary>
internal static class WorkerEnvironment
{
    /// <summary>Thread pools of native libraries are as large as the machine unless told otherwise: N workers would start N times that.</summary>
    private static readonly string[] ProcessorCounts = ["DOTNET_PROCESSOR_COUNT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];

    /// <summary>Other ways to say what <see cref="LaunchVariables.HeapHardLimit"/> says.</summary>
    private static readonly string[] OtherHeapLimits =
    [
        "DOTNET_GCHeapHardLimitPercent", "DOTNET_GCHeapHardLimitSOH", "DOTNET_GCHeapHardLimitLOH", "DOTNET_GCHeapHardLimitPOH",
        "DOTNET_GCHeapHardLimitSOHPercent", "DOTNET_GCHeapHardLimitLOHPercent", "DOTNET_GCHeapHardLimitPOHPercent",
    ];

    /// <param name="request">What the worker is started with.</param>
    /// <param name="host">This process's variables.</param>
    /// <param name="hook">The name of our start-up hook.</param>
    /// <param name="ticket">Tells the process that it is a worker.</param>
    /// <param name="canStartDirectly">The worker needs our hook only where it has others too.</param>
    /// <param name="direct">It needs none.</param>
    /// <exception cref="ArgumentOutOfRangeException">The heap limit is below what the runtime starts with.</exception>
    public static Dictionary<string, string> Build(LaunchRequest request, IReadOnlyDictionary<string, string> host, string hook, WorkerTicket ticket, bool canStartDirectly, out bool direct)
    {
        Dictionary<string, string> variables = InheritedVariables.Select(host, request.PassedVariables);
        foreach ((string name, string? value) in request.Environment)
            Put(variables, name, value);
        foreach (string name in ProcessorCounts)
        {
            if (!request.Environment.ContainsKey(name))
                variables[name] = Share(variables.GetValueOrDefault(name), request.ProcessorShare);
        }
        string[] userHooks = InheritedVariables.Hooks(variables.GetValueOrDefault(LaunchVariables.StartupHooks), hook);
        Put(variables, LaunchVariables.StartupHooks, userHooks is [] ? null : string.Join(Path.PathSeparator, userHooks));

        direct = canStartDirectly && userHooks is [];
        var restore = new Dictionary<string, string?>();
        foreach ((string name, string? value) in ForItsRuntime(request, variables, direct ? null : string.Join(Path.PathSeparator, [hook, .. userHooks])))
        {
            restore[name] = variables.GetValueOrDefault(name);
            Put(variables, name, value);
        }
        variables[LaunchVariables.Restore] = RestoreList.Format(restore);
        variables[LaunchVariables.Depth] = request.Depth.ToString(CultureInfo.InvariantCulture);
        variables[LaunchVariables.Ticket] = ticket.ToString();
        return variables;
    }

    /// <summary>The environment of a program that has no start-up hook: the first three layers.</summary>
    public static Dictionary<string, string> BuildForeign(LaunchRequest request, IReadOnlyDictionary<string, string> host)
    {
        Dictionary<string, string> variables = InheritedVariables.Select(host, request.PassedVariables);
        foreach ((string name, string? value) in request.Environment)
            Put(variables, name, value);
        foreach (string name in ProcessorCounts)
        {
            if (!request.Environment.ContainsKey(name))
                variables[name] = Share(variables.GetValueOrDefault(name), request.ProcessorShare);
        }
        return variables;
    }

    private static IEnumerable<KeyValuePair<string, string?>> ForItsRuntime(LaunchRequest request, Dictionary<string, string> variables, string? hooks)
    {
        if (hooks is not null)
            yield return new(LaunchVariables.StartupHooks, hooks);
        // A pool of workers is a server as a whole; each of them is small. ASP.NET's server collector would reserve a heap per processor.
        foreach (string name in (string[])["DOTNET_gcServer", "DOTNET_gcConcurrent"])
        {
            if (!request.Environment.ContainsKey(name))
                yield return new(name, "0");
        }
        foreach (KeyValuePair<string, string?> setting in WorkerCollector.SettingsFor(variables, hasHeapLimit: request.ManagedHeapLimitBytes is not null))
            yield return setting;
        if (request.ManagedHeapLimitBytes is not { } limit)
            yield break;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, ProcessPoolOptions.MinManagedHeapLimitBytes, nameof(request.ManagedHeapLimitBytes));
        yield return new(LaunchVariables.HeapHardLimit, limit.ToString("X", CultureInfo.InvariantCulture));
        foreach (string name in OtherHeapLimits)
            yield return new(name, null);
    }

    /// <summary>Someone who already restricted the host below the share keeps the last word.</summary>
    private static string Share(string? inherited, int share)
    {
        int count = int.TryParse(inherited, NumberStyles.None, CultureInfo.InvariantCulture, out int own) && own > 0 ? Math.Min(own, share) : share;
        return Math.Max(1, count).ToString(CultureInfo.InvariantCulture);
    }

    private static void Put(Dictionary<string, string> variables, string name, string? value)
    {
        if (value is null)
            variables.Remove(name);
        else
            variables[name] = value;
    }
}
