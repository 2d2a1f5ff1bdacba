using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using Kernmantle.Analyzers.Library;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Kernmantle.Analyzers.Rules.Crossing;

/// <summary>KM0017: a static field or property that a function assigns in the worker's process, and that is read here, where it stays as it was. Looks at one type at a time.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StaticStateAnalyzer() : WorkerCallAnalyzer(Separate)
{
    private static readonly DiagnosticDescriptor Separate = Library.Rule.New(
        "KM0017",
        Library.Rule.Portability,
        "Each process has its own static state",
        "'{0}' is assigned in the worker's process only: the one that is read elsewhere in this type stays as it was. Return the value instead.",
        "A worker's process loads the program again, with static fields of its own. What a function assigns there is not seen in the host.");

    private protected override void Register(CompilationStartAnalysisContext start, KernmantleTypes types) =>
        start.RegisterSymbolStartAction(
            context =>
            {
                var look = new Look(types);
                context.RegisterOperationAction(look.Invocation, OperationKind.Invocation);
                context.RegisterOperationAction(look.Member, OperationKind.FieldReference, OperationKind.PropertyReference);
                context.RegisterSymbolEndAction(end => look.Report(end, Separate));
            },
            SymbolKind.NamedType);

    private new sealed class Look(KernmantleTypes types)
    {
        private readonly ConcurrentQueue<WorkerCall> calls = [];
        private readonly ConcurrentQueue<IMemberReferenceOperation> members = [];
        private readonly ConcurrentQueue<IInvocationOperation> inner = [];

        public void Invocation(OperationAnalysisContext context)
        {
            var invocation = (IInvocationOperation)context.Operation;
            if (types.CallOf(invocation) is { } call && call.MayCross())
                calls.Enqueue(call);
            else if (invocation.TargetMethod is { IsStatic: true } or { MethodKind: MethodKind.LocalFunction })
                inner.Enqueue(invocation);
        }

        public void Member(OperationAnalysisContext context)
        {
            var reference = (IMemberReferenceOperation)context.Operation;
            if (IsState(reference.Member))
                members.Enqueue(reference);
        }

        public void Report(SymbolAnalysisContext context, DiagnosticDescriptor rule)
        {
            if (calls.IsEmpty || members.IsEmpty)
                return;
            // By the function that each stands in: which of them run in a process, by themselves or called from one that does.
            Dictionary<SyntaxNode, WorkerCall> inProcess = [];
            foreach (WorkerCall call in calls)
                Enter(call.Function.Lambda?.Syntax ?? Declaration(call.Function.Method?.Method), call);
            var uses = members.Select(m => (Reference: m, Call: CallOf(m, inProcess), Use: Captures.UseOf(m))).ToArray();
            HashSet<ISymbol> readHere = new(uses.Where(static m => m.Call is null && m.Use.Reads).Select(static m => m.Reference.Member), SymbolEqualityComparer.Default);
            HashSet<ISymbol> assignedHere = new(uses.Where(static m => m.Call is null && m.Use.Assigns).Select(static m => m.Reference.Member), SymbolEqualityComparer.Default);
            foreach ((IMemberReferenceOperation reference, WorkerCall? call, (_, bool assigns)) in uses)
            {
                // What the host assigns itself it may well read.
                if (call is not null && assigns && readHere.Contains(reference.Member) && !assignedHere.Contains(reference.Member) && CrossingReports.SeverityOf(context.Options, call, rule) is { } severity)
                    context.ReportDiagnostic(Diagnostic.Create(rule, reference.Syntax.GetLocation(), severity, additionalLocations: null, properties: null, reference.Member.Name));
            }

            void Enter(SyntaxNode? function, WorkerCall call)
            {
                if (function is null || inProcess.ContainsKey(function))
                    return;
                inProcess.Add(function, call);
                foreach (IInvocationOperation called in inner.Where(i => function.Contains(i.Syntax)))
                    Enter(Declaration(called.TargetMethod), call);
            }
        }

        private static SyntaxNode? Declaration(IMethodSymbol? method) => method?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax();

        private static WorkerCall? CallOf(IOperation operation, Dictionary<SyntaxNode, WorkerCall> inProcess)
        {
            for (SyntaxNode? at = operation.Syntax; at is not null; at = at.Parent)
            {
                if (inProcess.TryGetValue(at, out WorkerCall? call))
                    return call;
            }
            return null;
        }

        /// <summary>A field, or a property with one behind it, of the program; not one of each thread.</summary>
        private static bool IsState(ISymbol member) => member is { IsStatic: true } && member.Locations.Any(static l => l.IsInSource) && member switch
        {
            IFieldSymbol field => field is { IsConst: false, IsReadOnly: false, ContainingType.TypeKind: not TypeKind.Enum },
            IPropertySymbol property => property.SetMethod is not null && property.ContainingType.GetMembers().OfType<IFieldSymbol>().Any(f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, property)),
            _ => false,
        };
    }
}
