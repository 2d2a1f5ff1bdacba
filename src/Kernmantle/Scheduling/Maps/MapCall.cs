using Kernmantle.Functions;

namespace Kernmantle.Scheduling.Maps;

/// <summary>What a map calls for each of its inputs, and how.</summary>
/// <param name="Function">The function.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Options">Of each call.</param>
/// <param name="Bound">How long each may take; infinite for as long as it likes.</param>
internal sealed record MapCall(Delegate Function, FunctionShape Shape, CallOptions Options, TimeSpan Bound);
