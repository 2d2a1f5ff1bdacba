using Microsoft.Extensions.Logging;

namespace Kernmantle.Dashboard;

/// <summary>Records of the dashboard: ids 3100 to 3199. docs/dashboard.md lists them.</summary>
internal static partial class DashboardEvents
{
    [LoggerMessage(3100, LogLevel.Error, "The dashboard at {Path} is served to this machine only, although the program listens at {Addresses}: no policy says who may see it. Add .RequireAuthorization(...) to MapKernmantle, or listen at localhost.")]
    public static partial void ServedToThisMachineOnly(ILogger logger, string path, string addresses);

    [LoggerMessage(3101, LogLevel.Warning, "{User} asked through the dashboard: {Action} {Target}. {Result}")]
    public static partial void ActionTaken(ILogger logger, string user, string action, string target, string result);
}
