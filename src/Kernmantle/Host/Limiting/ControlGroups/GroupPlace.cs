namespace Kernmantle.Host.Limiting.ControlGroups;

/// <summary>Where groups for workers can be made.</summary>
/// <param name="Controller"><c>memory</c>, <c>pids</c> or <c>cpuacct</c>.</param>
/// <param name="Folder">The parent of the new groups.</param>
/// <param name="IsUnified">Version 2 of control groups: one folder for all controllers.</param>
internal sealed record GroupPlace(string Controller, string Folder, bool IsUnified);
