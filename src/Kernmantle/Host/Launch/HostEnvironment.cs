using System.Collections;

namespace Kernmantle.Host.Launch;

/// <summary>This process's environment variables at the moment.</summary>
internal static class HostEnvironment
{
    public static Dictionary<string, string> Read()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        return variables;
    }
}
