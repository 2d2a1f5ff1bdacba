namespace Kernmantle.Scheduling;

/// <summary>What a worker has done and gathered since its start.</summary>
/// <param name="StartedAt">A timestamp of the pool's clock.</param>
/// <param name="Calls">Calls that have ended.</param>
/// <param name="FirstResidentBytes">What it had resident after its first call; 0 if that was not looked at.</param>
internal readonly record struct WorkerWear(long StartedAt, long Calls, long FirstResidentBytes);
